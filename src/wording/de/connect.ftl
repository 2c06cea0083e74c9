### Connecting a company and signing in.

connect-disconnect-sure = Setzen Sie das Häkchen neben „Trennen“, wenn Sie es ernst meinen.
