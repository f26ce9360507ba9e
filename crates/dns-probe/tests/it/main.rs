//! The program as a whole, beside the real dig.

mod beside_dig;
mod foreign;
mod scripted;
