//! *Deploy* keeps the desk as it is; its reader's tests hold it.
