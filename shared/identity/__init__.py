"""Who people are and what they may do: sign-ins, second factors, roles and what admins do to accounts."""
