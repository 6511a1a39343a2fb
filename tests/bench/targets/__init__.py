"""Functions as functions_framework loads them: what is measured, and what it is measured against."""
