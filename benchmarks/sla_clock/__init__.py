"""What one calculation of the business clock costs, against pandas' CustomBusinessHour."""
