"""What the record at the door adds up to: figures by region, industry, authority and week."""
