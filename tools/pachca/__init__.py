"""What is generated from Pachca's own description of its API: methods, types, documentation."""
