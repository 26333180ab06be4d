namespace Lava.Build.Platform;

/// <summary>
/// Passes on what a program prints, as it comes, and always by whole lines: a terminal logger sets the cursor to the start of its line many times
/// a second, and would write over half of one. A question without a newline gets one, and the answer stands below it.
/// </summary>
internal static class LineRelay
{
    private const byte NewLine = (byte)'\n';
    private const int BufferSize = 1 << 14;

    // Longer than between two writes of one line, shorter than anybody waits for a question.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Passes on everything until the end of <paramref name="from"/>.</summary>
    internal static async Task RunAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        byte[] buffer = new byte[BufferSize];
        using MemoryStream line = new();
        Task<int>? reading = null;
        while (true)
        {
            reading ??= from.ReadAsync(buffer, cancellation).AsTask();
            if (line.Length > 0 && await Task.WhenAny(reading, Task.Delay(Pause, cancellation)) != reading)
            {
                cancellation.ThrowIfCancellationRequested();
                await WriteAsync(line, to, cancellation);
                continue;
            }

            int count = await reading;
            reading = null;
            if (count == 0)
            {
                await WriteAsync(line, to, cancellation);
                return;
            }

            int end = buffer.AsSpan(0, count).LastIndexOf(NewLine) + 1;
            if (end > 0)
            {
                line.Write(buffer, 0, end);
                await WriteAsync(line, to, cancellation);
            }

            line.Write(buffer, end, count - end);
        }
    }

    // In one piece, so that nobody else writes in between.
    private static async Task WriteAsync(MemoryStream line, Stream to, CancellationToken cancellation)
    {
        if (line.Length == 0)
        {
            return;
        }

        if (line.GetBuffer()[line.Length - 1] != NewLine)
        {
            line.WriteByte(NewLine);
        }

        await to.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), cancellation);
        await to.FlushAsync(cancellation);
        line.SetLength(0);
    }
}
