# Where snapshots are kept, each for some weeks, and never overwritten without a trace.

resource "aws_s3_bucket" "snapshots" {
  bucket = "${var.name}-snapshots"
}

resource "aws_s3_bucket_public_access_block" "snapshots" {
  bucket                  = aws_s3_bucket.snapshots.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "snapshots" {
  bucket = aws_s3_bucket.snapshots.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "snapshots" {
  bucket = aws_s3_bucket.snapshots.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "snapshots" {
  bucket = aws_s3_bucket.snapshots.id
  rule {
    id     = "keep-for-a-while"
    status = "Enabled"
    filter {}
    expiration { days = var.snapshot_days }
    noncurrent_version_expiration { noncurrent_days = var.snapshot_days }
    # An upload that was never finished takes room that no list shows.
    abort_incomplete_multipart_upload { days_after_initiation = 2 }
  }
}
