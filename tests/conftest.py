"""What every test relies on."""

from hypothesis import settings

# A deadline measures the machine, which tests share with each other.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
