using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>What makes the recorded runs longer than those of every day; see docs/reliability.md.</summary>
internal static class FireSettings
{
    /// <summary>Decides what is random; another one each time if it is not given.</summary>
    public static int Seed => Count("LAVA_TEST_SEED", Environment.TickCount & 0xffffff);

    public static int Count(string variable, int byDefault) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : byDefault;
}
