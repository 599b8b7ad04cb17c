//! The DynamoDB table and the blobs.
