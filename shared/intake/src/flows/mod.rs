//! What the system does: pure orders of steps over the ports.
