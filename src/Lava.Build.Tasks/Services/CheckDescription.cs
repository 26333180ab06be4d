namespace Lava.Build.Services;

/// <summary>A test of a running instance (<c>LavaCheck</c>). One of the three ways is given.</summary>
public sealed record CheckDescription
{
    /// <summary>What reports call it.</summary>
    public required string Name { get; init; }

    /// <summary>A command line for sh that must end with 0, or empty.</summary>
    public string Command { get; init; } = "";

    /// <summary>A URL that must answer with <see cref="Status"/>, or empty.</summary>
    public string Http { get; init; } = "";

    /// <summary>The HTTP status that is expected.</summary>
    public int Status { get; init; } = 200;

    /// <summary>One statement for the instance's database, or empty.</summary>
    public string Sql { get; init; } = "";

    /// <summary>What must be in the answer's body or in the output, or what the first column of the first row must be; anything if empty.</summary>
    public string Expected { get; init; } = "";

    /// <summary>Seconds after which it has failed.</summary>
    public int Timeout { get; init; } = 30;
}
