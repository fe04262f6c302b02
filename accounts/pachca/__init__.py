"""People of Pachca: their accounts here, and sign-in with Pachca."""
