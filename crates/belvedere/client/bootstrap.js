// Connects the page, for layouts without a script of their own that does.
Belvedere.connect();
