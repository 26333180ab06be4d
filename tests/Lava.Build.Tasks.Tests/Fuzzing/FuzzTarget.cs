using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>One reader to be given random and mutated input. Not for use by several threads.</summary>
internal abstract partial class FuzzTarget : IDisposable
{
    /// <summary>Two names, a sentence about each and the cure.</summary>
    private const int LongestMessage = 1000;

    /// <summary>What it is called on the command line and in the table; a file name too.</summary>
    internal abstract string Name { get; }

    /// <summary>How many shares of the time it gets.</summary>
    internal virtual int Weight => 1;

    /// <summary>What one input may take at most; far more than the machine ever needs, so that being slow is not taken for hanging.</summary>
    internal virtual TimeSpan TimeLimit => TimeSpan.FromSeconds(20);

    /// <summary>What one input may allocate in all, in bytes.</summary>
    internal virtual long MemoryLimit => 256L << 20;

    /// <summary>Valid inputs to start from.</summary>
    internal abstract IEnumerable<byte[]> Seeds();

    /// <summary>Changes an input in place of, or besides, what <see cref="ByteMutations"/> would do.</summary>
    /// <param name="random">Decides how.</param>
    /// <param name="input">The input.</param>
    /// <param name="other">Another one, to take parts from.</param>
    internal virtual byte[] Mutate(Random random, byte[] input, byte[] other) => ByteMutations.Apply(random, input, other);

    /// <summary>Gives the reader one input.</summary>
    /// <returns>What came of it, in few enough words that equal ways through the reader have equal words.</returns>
    /// <exception cref="Exception">Anything: that is what is looked for. Refusals are no exceptions here.</exception>
    internal abstract Task<string> RunAsync(byte[] input);

    public virtual void Dispose()
    {
    }

    /// <summary>A refusal without what differs from input to input: its code and its words, no names and no numbers.</summary>
    protected static string Outcome(LavaException refusal)
    {
        Problem problem = refusal.Problems[0];
        Assert.IsLessThanOrEqualTo(LongestMessage, problem.Text.Length, "a message that no one reads");
        return $"{problem.Code} {Particular().Replace(problem.Text, "_")}";
    }

    [GeneratedRegex(@"(?s)'.*'|/[^\s:;,]+|[0-9a-fA-F]*[0-9][0-9a-fA-F]*")]
    private static partial Regex Particular();
}
