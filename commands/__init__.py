"""What the ``holdfast`` command does, one file per verb."""
