using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>A part of a file as a stream of its own, from front to end.</summary>
internal sealed class FileSlice(SafeFileHandle file, long start, long length) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        int count = wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], start + _position);
        _position += count;
        return count;
    }
}
