### What went wrong between us and the ERP. What the ERP itself said is quoted as it is.

problem-its-words = “{ $words }”
problem-unreachable = the ERP cannot be reached: { $detail }
problem-token = the ERP no longer accepts our access: { $detail }
problem-wait = the ERP asked us to wait: { $detail }
problem-unreadable = the ERP answered something that we cannot read: { $detail }
problem-failed = the ERP has a problem of its own: { $detail }
problem-refused = the ERP refused: { $detail }
problem-unknown = it is not known whether it was done: { $detail }
problem-not-connected = the company is not connected: { $detail }
problem-secret = a stored secret cannot be opened; whoever runs this app must look
problem-stored = stored data cannot be read; whoever runs this app must look
problem-paused = paused by hand
problem-disconnected = disconnected by hand
problem-removed = removed from Odoo
problem-stopped = the worker that sent it was stopped
problem-read-again = it waits until the orders that it is for have been read again
problem-taken-back = taken back before it was sent: what it was for has changed
problem-sent-often = it was sent { $times } times and is not in the ERP
problem-not-there = it is not in the ERP; what is short now is planned anew
problem-several = several purchase orders carry the mark { $marker }: { $orders }
problem-not-listed = the ERP does not list its purchase order yet
problem-deleted = the purchase order was deleted before it was issued
problem-no-mark = the ERP answered with purchase order { $order }, which does not carry our mark
problem-other-vendor = the ERP made it for vendor { $made } instead of { $wanted }
problem-not-kept = the ERP did not keep { $quantity } of { $item } as ordered
problem-added = the ERP added lines that were not ordered
