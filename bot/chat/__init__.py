"""The way in and the feed out, as every adapter uses them. Begin with `gateway`, then `feed`;
`surroundings` is what the web page shows beside a chat.
"""
