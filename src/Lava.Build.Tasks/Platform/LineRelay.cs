using System.Text;

namespace Lava.Build.Platform;

/// <summary>Passes on what a program prints, as it comes, by whole lines. A question without a newline is a line, too, once nothing follows it.</summary>
internal static class LineRelay
{
    private const int BufferSize = 1 << 14;

    // Longer than between two writes of one line, shorter than anybody waits for a question.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Passes on everything until the end of <paramref name="reader"/>.</summary>
    internal static async Task RunAsync(TextReader reader, Action<string> onLine, CancellationToken cancellation)
    {
        char[] buffer = new char[BufferSize];
        StringBuilder line = new();
        Task<int>? reading = null;
        while (true)
        {
            reading ??= reader.ReadAsync(buffer, cancellation).AsTask();
            if (line.Length > 0 && await Task.WhenAny(reading, Task.Delay(Pause, cancellation)) != reading)
            {
                cancellation.ThrowIfCancellationRequested();
                Flush(line, onLine);
                continue;
            }

            int count = await reading;
            reading = null;
            if (count == 0)
            {
                Flush(line, onLine);
                return;
            }

            foreach (char letter in buffer.AsSpan(0, count))
            {
                if (letter != '\n')
                {
                    line.Append(letter);
                }
                else
                {
                    onLine(line.ToString());
                    line.Clear();
                }
            }
        }
    }

    private static void Flush(StringBuilder line, Action<string> onLine)
    {
        if (line.Length > 0)
        {
            onLine(line.ToString());
            line.Clear();
        }
    }
}
