"""The double-random draw (双随机) of targets and officers, by a seed that was committed to before."""
