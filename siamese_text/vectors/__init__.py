"""Files of any size become files of vectors: read as a stream, encoded chunk by chunk, resumed after a kill.

source -> chunks of rows -> cache or encoder -> (B, D) float32 -> stored rows -> .npy or .parquet
"""
