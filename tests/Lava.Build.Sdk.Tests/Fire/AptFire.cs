using System.Globalization;
using System.Text;
using Lava.Build.Tests;
using Lava.Build.Tests.Sources;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>An instance that runs <c>alpha 1.0</c> and is to get Debian packages from a server that can be told to stall.</summary>
internal sealed class AptFire : IDisposable
{
    public static readonly string[] Packages = ["beta", "gamma"];

    private readonly AptRepository _repository = new();
    private readonly LoopbackServer _server;
    private TaskCompletionSource _asked = new();
    private TaskCompletionSource _released = new();
    private string? _stalling;

    private AptFire(TestProject project)
    {
        Project = project;
        _server = new LoopbackServer(ServeAsync);
        _repository.Use(_server.Url("").TrimEnd('/'));
        project.SetVariable("APT_CONFIG", _repository.Configuration);
    }

    public TestProject Project { get; }

    /// <summary>The files that were asked of the server so far and that it has.</summary>
    public IReadOnlyList<string> Served =>
        [.. _server.Exchanges.Select(exchange => Path.GetFileName(exchange.Target)).Where(file => File.Exists(Path.Combine(_repository.Root, file)))];

    /// <summary>Packages of so many bytes that cannot be compressed, in lists with so many others.</summary>
    public static async Task<AptFire> CreateAsync(int bytes = 1000, int others = 0)
    {
        AptFire fire = new(await Faults.BuiltAsync());
        Random random = new(1);
        foreach (string package in Packages)
        {
            string content = string.Concat(Enumerable.Range(0, bytes).Select(_ => (char)random.Next('!', '~')));
            await fire._repository.AddAsync(package, "1", content: content);
        }

        StringBuilder list = new();
        for (int i = 0; i < others; i++)
        {
            list.Append(CultureInfo.InvariantCulture, $"Package: other{i}\nVersion: 1\nArchitecture: all\nDescription: {random.NextInt64()}\nFilename: ./{i}.deb\nSize: 1\nSHA256: {new string('1', 64)}\n\n");
        }

        await File.AppendAllTextAsync(Path.Combine(fire._repository.Root, "Packages"), list.ToString());
        fire.Project.Describe(Body);
        return fire;
    }

    /// <summary>What the project asks for.</summary>
    public static string Body => TestProject.Items([TestProject.Component("alpha", "1.0"), .. Packages.Select(package => $"""<LavaComponent Include="{package}" Source="deb" Version="1" />""")]);

    /// <summary>Lets the server send nothing of one file; the result ends when the file was asked for.</summary>
    public Task StallAt(string file)
    {
        (_asked, _released, _stalling) = (new TaskCompletionSource(), new TaskCompletionSource(), file);
        return _asked.Task;
    }

    /// <summary>Lets the server send everything again.</summary>
    public void Release()
    {
        _stalling = null;
        _released.TrySetResult();
    }

    /// <summary>What builds left that are over, of apt and of the cache.</summary>
    public static IEnumerable<string> Leftovers(string cache) =>
    [
        .. InstanceCheck.Leftovers(cache),
        .. CacheCheck.Faults(cache),
        .. Directory.EnumerateFiles(Path.Combine(cache, "state"), "*", SearchOption.AllDirectories)
            .Where(file => file.Contains("/partial/", StringComparison.Ordinal) || file.Contains(".bin.", StringComparison.Ordinal)),
    ];

    /// <summary>Asserts that the instance has all, and that nothing was left.</summary>
    public async Task AssertWholeAsync(string? cache = null)
    {
        await Project.AssertRunsAsync("1.0");
        foreach (string package in Packages)
        {
            Assert.IsTrue(File.Exists(Path.Combine(Project.Instance, "code", "current", "usr", package)), package);
        }

        string[] left = [.. Leftovers(cache ?? Project.Cache), .. InstanceCheck.Leftovers(Project.Instance), .. InstanceCheck.ReleaseFaults(Project.Instance)];
        Assert.IsEmpty(left, string.Join('\n', left));
    }

    public void Dispose()
    {
        Release();
        _server.Dispose();
        Project.Dispose();
        _repository.Dispose();
    }

    private async Task ServeAsync(LoopbackExchange exchange)
    {
        if (Path.GetFileName(exchange.Target) == _stalling)
        {
            _asked.TrySetResult();
            await _released.Task;
        }

        await _repository.ServeAsync(exchange);
    }
}
