"""The version of Svyaz, for the packages, `svyaz --version` and the API's description."""

__version__ = "0.2.0"
