"""The demo city: simulated users in Bengaluru who use Waybill through its public interfaces."""
