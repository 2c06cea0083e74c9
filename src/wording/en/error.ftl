### What is said when something cannot be done.

error-settings-conflict = Somebody else saved the settings meanwhile. Load the page again and repeat your change.
