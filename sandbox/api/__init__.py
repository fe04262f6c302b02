"""The emulated API of Pachca. Handlers are registered by operation id of the specification."""
