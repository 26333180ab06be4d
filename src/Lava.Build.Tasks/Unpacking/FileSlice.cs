namespace Lava.Build.Unpacking;

/// <summary>A part of a file as a stream of its own, from front to end.</summary>
internal sealed class FileSlice(FileWindow file, long start, long length) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        int count = wanted == 0 ? 0 : file.Read(start + _position, buffer[..wanted]);
        _position += count;
        return count;
    }
}
