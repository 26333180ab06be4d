using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>
/// apt's tools with the host's configuration of sources, proxies, credentials and preferences, but with lists and caches of our
/// own, so that no right is needed and nothing of the host changes. For one architecture; one user at a time.
/// </summary>
internal sealed class Apt
{
    /// <summary>
    /// What must not be the host's. Its hooks would act on the host's own caches; a package that is installed there must not
    /// look available. Which index is authenticated, and how, stays as the host has it.
    /// </summary>
    private const string Configuration =
        """
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        APT::Update::Error-Mode "any";
        APT::Cmd::Pattern-Only "true";
        Acquire::Languages "none";
        Debug::NoLocking "true";

        """;

    private const double LongestTimeout = 30 * 86_400;

    // What apt makes of the lists, in the directory cache/.
    private static readonly string[] Indexes = ["pkgcache.bin", "srcpkgcache.bin"];

    private static readonly Dictionary<string, string?> Environment = new() { ["LC_ALL"] = "C", ["LANGUAGE"] = null };

    private readonly SourceContext _context;
    private readonly string _directory;
    private readonly string _architecture;

    private Apt(SourceContext context, string directory, string architecture)
    {
        _context = context;
        _directory = directory;
        _architecture = architecture;
    }

    /// <summary>Whether the lists were once complete.</summary>
    internal bool HasLists => File.Exists(Stamp);

    private string Stamp => Path.Combine(_directory, "complete");

    // As root apt changes its user for a moment, and then outlives a build that is killed. It holds this lock itself, to its end.
    private string Running => Path.Combine(_directory, "running");

    private string ConfigurationFile => Path.Combine(_directory, "apt.conf");

    /// <summary>Makes the state of <paramref name="architecture"/>; empty means this machine's.</summary>
    internal static async Task<Apt> OpenAsync(SourceContext context, string architecture, CancellationToken cancellation)
    {
        string directory = Path.Combine(context.StateDirectory, architecture.Length == 0 ? "host" : architecture);
        Directory.CreateDirectory(Path.Combine(directory, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(directory, "cache", "archives", "partial"));
        AtomicFile.DeleteLeftovers(directory);
        Apt apt = new(context, directory, architecture);
        await apt.DeleteLeftoversAsync(cancellation);
        await AtomicFile.WriteAsync(apt.ConfigurationFile, Configuration, AtomicFile.PublicMode, cancellation);
        await AtomicFile.WriteAsync(Path.Combine(directory, "status"), "", AtomicFile.PublicMode, cancellation);
        return apt;
    }

    /// <summary>Renews the lists.</summary>
    /// <returns>What went wrong if not all of them could be had; those that could are kept.</returns>
    internal async Task<AptFailure?> UpdateAsync(CancellationToken cancellation)
    {
        _context.Log.Detail("Renewing the lists of Debian packages");
        ProcessOutcome outcome = await RunAsync("apt-get", ["update"], _context.TransferTimeout, _directory, cancellation);
        if (outcome.ExitCode != 0)
        {
            return AptFailure.Of(outcome.Error, _directory);
        }

        await AtomicFile.WriteAsync(Stamp, "", AtomicFile.PublicMode, cancellation);
        return null;
    }

    /// <summary>What the lists offer for <paramref name="specifications"/>, each <c>name=version</c>.</summary>
    /// <returns>The offers, or apt's words if it does not know one of them.</returns>
    /// <exception cref="LavaException">The file system refused what apt needs there.</exception>
    internal async Task<(IReadOnlyList<AptOffer> Offers, string? Failure)> OffersAsync(
        IEnumerable<string> specifications, CancellationToken cancellation)
    {
        // Without the option apt prints the strongest hash it has, which may be a SHA-512.
        string[] arguments = ["-o", "Acquire::ForceHash=SHA256", "--print-uris", "download", "--", .. specifications];
        ProcessOutcome outcome = await RunAsync("apt-get", arguments, _context.TransferTimeout, _directory, cancellation);
        return outcome.ExitCode == 0 ? ([.. AptOffer.Parse(outcome.Output)], null) : ([], WordsOf(outcome));
    }

    /// <summary>The versions that the lists have of each of <paramref name="packages"/>, newest first.</summary>
    internal async Task<ILookup<string, string>> VersionsAsync(IEnumerable<string> packages, CancellationToken cancellation)
    {
        ProcessOutcome outcome = await RunAsync(
            "apt-cache", ["madison", "--", .. packages], _context.TransferTimeout, _directory, cancellation);
        if (outcome.ExitCode != 0)
        {
            WordsOf(outcome);
        }

        return outcome.Output.Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(fields => fields.Length == 3 && !fields[2].EndsWith(" Sources", StringComparison.Ordinal))
            .Select(fields => (Package: fields[0], Version: fields[1]))
            .Distinct()
            .ToLookup(row => row.Package, row => row.Version);
    }

    /// <summary>
    /// Downloads <paramref name="specifications"/> into <paramref name="directory"/>, under the names of <see cref="AptOffer.File"/>.
    /// URIs of the host's sources may hold passwords, so they are never put on a command line: apt looks them up itself.
    /// </summary>
    /// <returns>How apt ended; a file that is missing afterwards could not be had, and if it failed, others may be cut off.</returns>
    internal Task<ProcessOutcome> DownloadAsync(IReadOnlyList<string> specifications, string directory, CancellationToken cancellation)
    {
        // One transfer's time for each, up to what a timer can hold.
        TimeSpan timeout = TimeSpan.FromSeconds(Math.Min(_context.TransferTimeout.TotalSeconds * specifications.Count, LongestTimeout));
        return RunAsync("apt-get", ["download", "--", .. specifications], timeout, directory, cancellation);
    }

    private string WordsOf(ProcessOutcome outcome)
    {
        AptFailure failure = AptFailure.Of(outcome.Error, _directory);
        return failure.Refusal is { } refusal ? throw refusal.ToException() : failure.Words;
    }

    /// <summary>Deletes what apt was writing when it was killed, or when the disk was full: it begins anew each time, under another name.</summary>
    private async Task DeleteLeftoversAsync(CancellationToken cancellation)
    {
        using FileLock held = await FileLock.AcquireAsync(
            Running, "clearing", _ => _context.Log.Say("Waiting for apt, which a killed build has started"), cancellation);
        foreach (string index in Indexes)
        {
            foreach (string left in Directory.EnumerateFiles(Path.Combine(_directory, "cache"), $"{index}.*"))
            {
                File.Delete(left);
            }
        }
    }

    private Task<ProcessOutcome> RunAsync(
        string program, string[] arguments, TimeSpan timeout, string workingDirectory, CancellationToken cancellation)
    {
        ProcessRequest request = new(
            "flock", ["--no-fork", Running, _context.Processes.FindProgram(program), .. Options(), .. arguments])
        {
            Label = program,
            Environment = Environment,
            Timeout = timeout,
            WorkingDirectory = workingDirectory,
        };
        return _context.Processes.RunAsync(request, cancellation);
    }

    private IEnumerable<string> Options()
    {
        // The file comes first: what follows is set over it. Paths are options because apt's files have no escape for a quote.
        yield return $"-c={ConfigurationFile}";
        yield return "-q";
        string idle = Math.Max(1, (int)Math.Ceiling(_context.IdleTimeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string[] settings =
        [
            $"Dir::State={_directory}",
            "Dir::State::lists=lists",
            $"Dir::State::status={_directory}/status",
            $"Dir::State::extended_states={_directory}/extended_states",
            $"Dir::Cache={_directory}/cache",
            "Dir::Cache::archives=archives",
            $"Dir::Cache::pkgcache={Indexes[0]}",
            $"Dir::Cache::srcpkgcache={Indexes[1]}",
            $"Acquire::http::Timeout={idle}",
            $"Acquire::https::Timeout={idle}",
            $"Acquire::Retries={_context.Retries.ToString(CultureInfo.InvariantCulture)}",
            $"Acquire::Retries::Delay={(_context.RetryDelay < TimeSpan.FromSeconds(1) ? "false" : "true")}",
        ];
        string[] machine = _architecture.Length == 0
            ? []
            : [$"APT::Architecture={_architecture}", $"APT::Architectures={_architecture}"];
        foreach (string setting in (string[])[.. settings, .. machine])
        {
            yield return "-o";
            yield return setting;
        }
    }
}
