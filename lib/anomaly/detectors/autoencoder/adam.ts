/** Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1), with the constants of the paper and of Keras. */
export class Adam {
  /** Running means of the gradients and of their squares, and the number of steps: all that a checkpoint needs. */
  readonly means: Float64Array;
  readonly squares: Float64Array;
  steps = 0;

  constructor(parameters: number) {
    this.means = new Float64Array(parameters);
    this.squares = new Float64Array(parameters);
  }

  /** One step against the gradients. */
  step(parameters: Float64Array, gradients: Float64Array, learningRate: number): void {
    this.steps += 1;
    const { means, squares } = this;
    const rate = (learningRate * Math.sqrt(1 - SQUARES_KEPT ** this.steps)) / (1 - MEANS_KEPT ** this.steps);
    for (let i = 0; i < parameters.length; i += 1) {
      const gradient = gradients[i] as number;
      const mean = MEANS_KEPT * (means[i] as number) + (1 - MEANS_KEPT) * gradient;
      const square = SQUARES_KEPT * (squares[i] as number) + (1 - SQUARES_KEPT) * gradient * gradient;
      means[i] = mean;
      squares[i] = square;
      parameters[i] = (parameters[i] as number) - (rate * mean) / (Math.sqrt(square) + EPSILON);
    }
  }
}

const MEANS_KEPT = 0.9;
const SQUARES_KEPT = 0.999;
const EPSILON = 1e-7;
