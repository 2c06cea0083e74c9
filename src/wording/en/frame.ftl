### What stands around each page.

frame-skip = Skip to the content
frame-nav = Main
frame-backorders = Backorders
frame-decisions = Decisions
frame-insights = Insights
frame-activity = Activity
frame-settings = Settings
frame-sign-out = Sign out
frame-connection = Connection
frame-watching = Watch mode: this app tells what it would do and does nothing.
frame-watched = It has watched for { $days } days now. What it would have asked or bought is under Decisions; in the settings you choose how it goes on.
frame-revoked = Your ERP no longer lets us in ({ $reason }). Nothing is read or bought until an administrator connects again.
frame-no-reason = no reason given
frame-disconnected = This company is disconnected. Nothing is read or bought.
frame-paused = Paused: nothing is read, bought or sent. Events are kept.
frame-check-failed = The last check failed and is tried again: { $error }
frame-language = Language
frame-language-change = Change
