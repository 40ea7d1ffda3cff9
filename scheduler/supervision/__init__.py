"""The supervision side (监督端): what follows from the record for those who watch over inspections."""
