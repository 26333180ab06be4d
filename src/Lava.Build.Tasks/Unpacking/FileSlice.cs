namespace Lava.Build.Unpacking;

/// <summary>A part of a file as a stream of its own, from front to end.</summary>
internal sealed class FileSlice(FileWindow file, long start, long length) : ForwardStream
{
    private long _position;

    /// <summary>Whether all of it was asked for.</summary>
    internal bool IsRead => _position == length;

    public override int Read(Span<byte> buffer)
    {
        // The last byte comes alone: who finds an end before it never asks for it.
        long left = length - _position;
        int wanted = (int)Math.Min(buffer.Length, left > 1 ? left - 1 : left);
        int count = wanted == 0 ? 0 : file.Read(start + _position, buffer[..wanted]);
        _position += count;
        return count;
    }
}
