using System.Collections.Concurrent;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests;

/// <summary>Keeps all it is told.</summary>
internal sealed class RecordingLog : IBuildLog
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<Problem> _warnings = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IReadOnlyCollection<Problem> Warnings => _warnings;

    public void Say(string text) => _lines.Enqueue(text);

    public void Detail(string text) => _lines.Enqueue(text);

    public void Warn(Problem problem) => _warnings.Enqueue(problem);
}
