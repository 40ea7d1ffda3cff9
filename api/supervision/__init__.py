"""The supervision side (监督端): what those who watch over inspections see and do."""
