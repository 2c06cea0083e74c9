### Insights: DIFOT, fill rate, age, value, causes.

