using System.Buffers;

namespace Lava.Build.Unpacking;

/// <summary>Reads a stream from front to end in big pieces, and closes it in the end.</summary>
internal sealed class ForwardInput(Stream stream) : IDisposable
{
    internal const int BufferSize = 128 << 10;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private bool _disposed;
    private int _start;
    private int _end;

    /// <summary>Whether the stream has said that nothing more comes.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Fills <paramref name="target"/>; fewer bytes only at the end.</summary>
    internal int Fill(Span<byte> target, CancellationToken cancellation)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            Span<byte> rest = target[filled..];
            if (_start < _end)
            {
                int count = Math.Min(rest.Length, _end - _start);
                _buffer.AsSpan(_start, count).CopyTo(rest);
                _start += count;
                filled += count;
            }
            else if (rest.Length >= BufferSize / 2)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = stream.Read(rest);
                filled += count;
                if (count == 0)
                {
                    AtEnd = true;
                    break;
                }
            }
            else if (!Refill(cancellation))
            {
                break;
            }
        }

        return filled;
    }

    /// <summary>Passes over <paramref name="count"/> bytes; returns how many there were.</summary>
    internal long Skip(long count, CancellationToken cancellation)
    {
        long skipped = 0;
        while (skipped < count && (_start < _end || Refill(cancellation)))
        {
            int step = (int)Math.Min(count - skipped, _end - _start);
            _start += step;
            skipped += step;
        }

        return skipped;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            // A buffer given back twice would be lent to two.
            _disposed = true;
            ArrayPool<byte>.Shared.Return(_buffer);
            stream.Dispose();
        }
    }

    private bool Refill(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _start = 0;
        _end = stream.Read(_buffer, 0, BufferSize);
        AtEnd = _end == 0;
        return !AtEnd;
    }
}
