"""Who did what, from where: `record` adds an event, and signals of all apps lead to it."""
