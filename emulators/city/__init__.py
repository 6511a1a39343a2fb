"""The demo city: simulated people in Bengaluru who use Waybill as the public does."""
