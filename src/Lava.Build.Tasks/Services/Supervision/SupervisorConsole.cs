using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>What people see of a running instance. May be used from any thread.</summary>
internal sealed class SupervisorConsole : IBuildLog, IDisposable
{
    /// <summary>Stands before the supervisor's own lines, as a service's name does before its lines.</summary>
    internal const string OwnName = "services";

    // Readable on dark and light grounds.
    private static readonly string[] Colours = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];
    private readonly Lock _gate = new();
    // .NET's own streams say nothing when nobody reads any more.
    private readonly SafeFileHandle _output = new(1, ownsHandle: false);
    private readonly SafeFileHandle _error = new(2, ownsHandle: false);
    private readonly Stream? _report;
    private readonly SourceLocation _location;
    private readonly bool _colour;
    private readonly bool _lines;
    private readonly Dictionary<string, string> _colourOf = [];
    private readonly CancellationTokenSource _lost = new();

    /// <summary>Writes to this process's standard streams.</summary>
    /// <param name="location">What messages are about that name no better place.</param>
    /// <param name="lines">Whether the lines of services are shown.</param>
    /// <param name="report">Where <c>-t:Start</c> reads how the start goes, or null.</param>
    /// <param name="noColour">The variable NO_COLOR, if it is set (https://no-color.org).</param>
    internal SupervisorConsole(SourceLocation location, bool lines, Stream? report, string? noColour)
    {
        _location = location;
        _lines = lines;
        _report = report;
        _colour = string.IsNullOrEmpty(noColour) && !Console.IsOutputRedirected;
    }

    /// <summary>Cancelled when nobody is there any more who could read what is written.</summary>
    internal CancellationToken Lost => _lost.Token;

    /// <summary>Shows a line of a service or step.</summary>
    internal void Line(string name, string text)
    {
        if (_lines)
        {
            Write(_output, $"{Prefix(name)}{text}\n");
        }
    }

    /// <summary>Says something of the supervisor itself.</summary>
    public void Say(string text) => Write(_output, $"{Prefix(OwnName)}{text}\n");

    /// <summary>Nothing: what is small is not shown between the lines of services.</summary>
    public void Detail(string text)
    {
    }

    /// <summary>Tells of something that stops nobody.</summary>
    public void Warn(Problem problem) => Tell(problem);

    /// <summary>Says that all is healthy, and where it is reached.</summary>
    internal void Healthy(string text)
    {
        Write(_output, text + "\n");
        Report("healthy", text);
    }

    /// <summary>Tells of a problem in MSBuild's canonical form.</summary>
    internal void Tell(Problem problem)
    {
        string severity = problem.Severity == Severity.Error ? "error" : "warning";
        string file = problem.Location.File ?? _location.File ?? OwnName;
        string text = VisibleText.Of(problem.Text);
        Write(_error, $"{file}: {severity} {problem.Code}: {text}\n");
        Report(severity, $"{problem.Code}: {text}");
    }

    /// <summary>Tells whoever starts this, who else would not know.</summary>
    internal void Report(string kind, string text)
    {
        if (_report is null)
        {
            return;
        }

        lock (_gate)
        {
            try
            {
                _report.Write(Encoding.UTF8.GetBytes($"{kind} {text}\n"));
                _report.Flush();
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                // It was ended, or has heard all it wanted; the services are not its own.
            }
        }
    }

    /// <summary>Nothing more is reported.</summary>
    internal void EndReport()
    {
        lock (_gate)
        {
            _report?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EndReport();
        _output.Dispose();
        _error.Dispose();
        _lost.Dispose();
    }

    private string Prefix(string name)
    {
        if (!_colour)
        {
            return $"{name} | ";
        }

        lock (_gate)
        {
            if (!_colourOf.TryGetValue(name, out string? colour))
            {
                colour = Colours[_colourOf.Count % Colours.Length];
                _colourOf[name] = colour;
            }

            return $"\e[{colour}m{name} |\e[0m ";
        }
    }

    private void Write(SafeFileHandle stream, string text)
    {
        lock (_gate)
        {
            try
            {
                Posix.WriteStream(stream, Encoding.UTF8.GetBytes(text));
            }
            catch (IOException failure) when (_lines && failure.HResult is Posix.EPIPE or Posix.EIO)
            {
                // A pipe or a terminal that nobody reads any more.
                _lost.CancelAfter(TimeSpan.Zero);
            }
            catch (IOException)
            {
                // A file that cannot be written, for a full disk, say: no reason to stop what runs. The logs have it.
            }
        }
    }
}
