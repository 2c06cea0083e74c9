### What is said when something cannot be done.

error-not-found = Nothing here
error-not-found-text = This address does not exist, or no longer.
error-signed-out = Please sign in
error-signed-out-text = You are not signed in, or were away for too long.
error-administrators = For administrators
error-administrators-text = Only an administrator of your company can do this.
error-foreign-form = Please try again
error-foreign-form-text = This form was not sent from a page of this app, or the page was open for too long. Nothing was changed. Go back, reload the page and try again.
error-invalid = That cannot be
error-conflict = Somebody was quicker
error-host = Your ERP did not answer as expected
error-moment = One moment
error-moment-text = The database does not answer. Nothing was lost; try again in a moment.
error-broken = Something is broken here
error-broken-text = It is our mistake, not yours, and it has been logged. Nothing was changed.
error-sign-in = Sign in
error-to-list = To the work list
error-settings-conflict = Somebody else saved the settings meanwhile. Load the page again and repeat your change.
error-chart = The chart could not be drawn: { $error }
