using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Unpacking;

/// <summary>Reads a file anywhere, in larger pieces than are asked for: what is asked for next mostly stands right behind.</summary>
internal sealed class FileWindow(SafeFileHandle file) : IDisposable
{
    private const int Size = 1 << 16;
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(Size);
    private long _start;
    private int _count;
    private bool _disposed;

    /// <summary>Reads from an offset, in bytes, up to the length of <paramref name="buffer"/>.</summary>
    /// <returns>How many bytes were read; fewer than asked for anywhere, none only at the end of the file.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal int Read(long offset, Span<byte> buffer)
    {
        if (offset < _start || offset >= _start + _count)
        {
            if (buffer.Length >= Size)
            {
                return RandomAccess.Read(file, buffer, offset);
            }

            _start = offset;
            _count = 0;
            _count = RandomAccess.Read(file, _bytes.AsSpan(0, Size), offset);
        }

        int skipped = (int)(offset - _start);
        int count = Math.Min(buffer.Length, _count - skipped);
        _bytes.AsSpan(skipped, count).CopyTo(buffer);
        return count;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            // A buffer given back twice would be lent to two.
            _disposed = true;
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
