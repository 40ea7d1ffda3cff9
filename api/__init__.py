"""The shell: command line (and, later, HTTP); effects live here and nowhere else."""
