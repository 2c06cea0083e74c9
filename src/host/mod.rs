//! The ERP systems outside: what they can do, how they are read and written.
