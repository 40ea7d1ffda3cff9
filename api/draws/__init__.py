"""The double-random draw (双随机) in the service: committed to, carried out once, verified by whoever asks."""
