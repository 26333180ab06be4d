namespace Lava.Build.Services.Checks;

/// <summary>The last 20 lines that hold something, each cut where it is too long to be read; however many come. May be used from any thread.</summary>
internal sealed class LastLines
{
    private const int Most = 20;
    private const int Longest = 200;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>Those that came until now.</summary>
    internal IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Takes the next line.</summary>
    internal void Add(string line)
    {
        string text = line.TrimEnd();
        if (text.Length == 0)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Enqueue(text.Length > Longest ? text[..Longest] + "…" : text);
            if (_lines.Count > Most)
            {
                _lines.Dequeue();
            }
        }
    }
}
