"""Who may see and change accounts. Django admin is superusers' ground; everything else is about oneself."""
