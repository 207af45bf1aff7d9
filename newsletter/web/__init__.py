"""The readers' pages: requests in, steps called, templates shown. `async` ends at its edge."""
